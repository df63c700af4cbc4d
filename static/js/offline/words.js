/* What is said about marks on this phone: one place, plain sentences. */
"use strict";

Offline.words = (() => {
  const marks = (count) => (count === 1 ? "1 mark" : `${count} marks`);
  const people = (count) => (count === 1 ? "1 person is" : `${count} people are`);
  const they = (count) => (count === 1 ? "It goes" : "They go");
  const notSent = (count) => `${marks(count)} not sent yet`;

  /* Why marks wait, by how the last try ended. */
  const WHY = {
    "no signal": (count) => `No signal. ${they(count)} by ${count === 1 ? "itself" : "themselves"} as soon as there is signal; keep this page open or come back to it.`,
    "signed out": () => "Your sign-in ran out. Sign in again and they are sent; nothing is lost.",
    later: () => "The service could not take them just now. It is tried again by itself.",
    sending: () => "Sending…",
  };

  const waiting = (count, how) => ({
    tone: "warning",
    text: `${notSent(count)}.`,
    follows: (WHY[how] || WHY.sending)(count),
    link: how === "signed out" ? ["Sign in", `/sign-in?next=${encodeURIComponent(location.pathname)}`] : null,
  });

  /* With names while the service still waits for the register; otherwise on the phone's own page. */
  const marked = (count, session, isListed) => ({
    tone: "warning",
    text: `${notSent(count)}.`,
    follows: `${count === 1 ? "It is" : "They are"} kept on this phone; the register was not submitted.`,
    link: ["Open the register", isListed ? `/sessions/${session}/register` : `/offline/?register=${session}`],
  });

  const needsYou = (count, session) => ({
    tone: "danger",
    text: `${notSent(count)}: a register needs you.`,
    follows: "The service has other marks, or could not take yours. They stay on this phone until you decide.",
    link: ["Look at it", `/offline/?register=${session}`],
  });

  const stuck = (count, why) => ({
    tone: "danger",
    text: `${notSent(count)}.`,
    follows: `${why} Your marks stay on this phone until you decide.`,
    link: null,
  });

  const sent = ({ at, receipt, url, by }) => ({
    tone: "success",
    text: `Sent ${at}, receipt ${receipt}.`,
    follows: by ? `The same marks were submitted before, by ${by}.` : "Nothing of this register is left on this phone.",
    link: ["Open the receipt", url],
  });

  const ofOthers = (count) => ({
    tone: "warning",
    text: `${notSent(count)} that a colleague made on this phone.`,
    follows: "They are sealed, and go when that colleague signs in here.",
    link: null,
  });

  const signIn = (count) => ({
    tone: "warning",
    text: `${notSent(count)}.`,
    follows: "They are kept on this phone. Sign in and they are sent.",
    link: location.pathname.startsWith("/sign-in") ? null : ["Sign in", "/sign-in"],
  });

  const cannotKeep = {
    tone: "warning",
    text: "This browser cannot keep marks without signal.",
    follows: "It is a private window, or an old browser. The register works as long as there is signal.",
    link: null,
  };

  return { marks, people, notSent, waiting, marked, needsYou, stuck, sent, ofOthers, signIn, cannotKeep };
})();
