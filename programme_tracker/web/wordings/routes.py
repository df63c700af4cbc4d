"""Reading and changing what texts say; nothing is kept that may not go out."""

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from programme_tracker.kernel import clock
from programme_tracker.kernel.database import db
from programme_tracker.kernel.errors import RefusedError
from programme_tracker.messaging.rules import MessageKind
from programme_tracker.messaging.templates import queries, services
from programme_tracker.messaging.templates.models import BannedWord, TemplateVersion
from programme_tracker.messaging.templates.rules import Place
from programme_tracker.messaging.texts import BANNED_WORDS
from programme_tracker.messaging.wording import placeholders
from programme_tracker.web.access import requires
from programme_tracker.web.feedback import say
from programme_tracker.web.identity import current_actor
from programme_tracker.web.reading import whole_number
from programme_tracker.web.wordings import views
from programme_tracker.web.wordings.forms import (
    KIND_TITLES,
    BecauseForm,
    LanguageForm,
    PlaceForm,
    WordForm,
    WordingForm,
)

bp = Blueprint("wordings", __name__, url_prefix="/wordings")


def _place() -> Place:
    """Return the wording that the page's address names; the reminder where it names none of ours."""
    given = request.args
    kind = MessageKind(given["kind"]) if given.get("kind") in set(KIND_TITLES) else MessageKind.REMINDER
    programme, language = given.get("programme", ""), given.get("language", "")
    return Place(
        kind,
        programme if programme in views.programme_titles() else "",
        language if queries.language(language) else "en",
        given.get("name", "")[:40] if kind is MessageKind.ANSWER else "",
    )


def address(place: Place, view: str = "wordings.change") -> str:
    """Return the page of one wording."""
    return url_for(
        view,
        kind=place.kind.value,
        programme=place.programme_code or None,
        language=place.language,
        name=place.name or None,
    )


@bp.get("/")
@requires("wording.change")
def index() -> ResponseReturnValue:
    """List what every kind of text says now, to whom."""
    return render_template("wordings/index.html", lists=views.kind_lists(), address=address)


@bp.route("/change", methods=["GET", "POST"])
@requires("wording.change")
def change() -> ResponseReturnValue:
    """Change one wording, or show how it would look; nothing typed is lost."""
    place = _place()
    rows = queries.versions_of(place)
    said = rows[0].text if rows else queries.template_for(_known(place)).template.text
    form = WordingForm(seen_version=str(rows[0].number if rows else 0), text=said)
    looks_only = request.form.get("do") == "preview"
    if not looks_only and form.validate_on_submit() and _saved(form, place):
        return redirect(url_for("wordings.index"), code=303)
    return _change_page(form, place, rows), 422 if form.errors else 200


def _change_page(form: WordingForm, place: Place, rows: Sequence[TemplateVersion]) -> str:
    return render_template(
        "wordings/change.html",
        form=form,
        place=place,
        title=KIND_TITLES[place.kind],
        whom=views.who_words(place),
        names=placeholders(place.kind),
        preview=views.preview(place, form.text.data or ""),
        odd=views.odd_letters(form.text.data or ""),
        versions=views.version_lines(rows),
        take_back=address(place, "wordings.take_back") if rows and rows[0].text else "",
    )


def _known(place: Place) -> Place:
    """Return a place whose wording a new one can start from; an answer of a new name starts empty."""
    try:
        queries.template_for(place)
    except LookupError:
        return Place(place.kind, place.programme_code, place.language, "noted")
    return place


def _saved(form: WordingForm, place: Place) -> bool:
    seen = form.seen_version.data or ""
    try:
        row = services.save_template(
            place,
            form.text.data or "",
            form.note.data or "",
            seen_number=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
            actor=current_actor(),
            now=clock.now(),
        )
    except RefusedError as error:
        form.refuse(error.message, error.field)
        newest = queries.versions_of(place)
        form.seen_version.data = str(newest[0].number if newest else 0)
        return False
    say(
        f"Version {row.number} saved.",
        "Texts planned from now on say this. Those planned before keep theirs.",
    )
    return True


@bp.route("/new", methods=["GET", "POST"])
@requires("wording.change")
def new() -> ResponseReturnValue:
    """Ask for whom another wording is, then go on to what it says."""
    form = PlaceForm(language="en")
    form.programme.set_choices(views.programme_titles().items())
    form.language.set_choices((one.code, one.title) for one in queries.languages())
    if form.validate_on_submit():
        kind, name = MessageKind(form.kind.data), "-".join((form.name.data or "").casefold().split())
        if kind is MessageKind.ANSWER and not name:
            form.refuse("Enter a name for this answer, such as bring papers", "name")
        else:
            place = Place(kind, form.programme.data or "", form.language.data or "en", name)
            return redirect(address(place), code=303)
    return render_template("wordings/new.html", form=form), 422 if form.errors else 200


@bp.route("/take-back", methods=["GET", "POST"])
@requires("wording.change")
def take_back() -> ResponseReturnValue:
    """Let one wording count no more."""
    place, form = _place(), BecauseForm()
    if form.validate_on_submit():
        try:
            services.take_back_template(place, form.reason.data or "", actor=current_actor(), now=clock.now())
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            say("Wording taken back.", "Texts planned from now on say what everybody else's say.")
            return redirect(url_for("wordings.index"), code=303)
    page = render_template(
        "wordings/take_back.html",
        form=form,
        title=KIND_TITLES[place.kind],
        whom=views.who_words(place),
        back=address(place),
    )
    return page, 422 if form.errors else 200


@bp.route("/languages", methods=["GET", "POST"])
@requires("wording.change")
def languages() -> ResponseReturnValue:
    """List the languages and add one."""
    form = LanguageForm()
    if form.validate_on_submit():
        try:
            row = services.add_language(
                form.title.data or "", form.dates.data or "", actor=current_actor(), now=clock.now()
            )
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            say(f"{row.title} added.", "Now write its texts. Until then they go in English.")
            return redirect(url_for("wordings.new"), code=303)
    page = render_template("wordings/languages.html", form=form, languages=queries.languages())
    return page, 422 if form.errors else 200


@bp.route("/words", methods=["GET", "POST"])
@requires("wording.change")
def words() -> ResponseReturnValue:
    """List the words that no text may say, and ban another."""
    form = WordForm()
    if form.validate_on_submit():
        try:
            row = services.add_banned_word(
                form.word.data or "", form.reason.data or "", actor=current_actor(), now=clock.now()
            )
        except RefusedError as error:
            form.refuse(error.message, error.field)
        else:
            say(f"“{row.word}” is banned.", "No wording that says it can be saved.")
            return redirect(url_for("wordings.words"), code=303)
    page = render_template("wordings/words.html", form=form, added=views.word_lines(), fixed=BANNED_WORDS)
    return page, 422 if form.errors else 200


@bp.route("/words/allow", methods=["GET", "POST"])
@requires("wording.change")
def allow() -> ResponseReturnValue:
    """Allow a word again that a manager had banned."""
    row = db.session.get(BannedWord, request.args.get("word", 0, type=whole_number))
    if row is None or row.removed_at is not None:
        say("That word is not on the list any more.", tone="info")
        return redirect(url_for("wordings.words"), code=303)
    form, word = BecauseForm(), row.word
    if form.validate_on_submit():
        services.remove_banned_word(row.id, form.reason.data or "", actor=current_actor(), now=clock.now())
        say(f"“{word}” may be said again.")
        return redirect(url_for("wordings.words"), code=303)
    return render_template("wordings/allow.html", form=form, word=word), 422 if form.errors else 200
