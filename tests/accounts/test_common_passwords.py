import pytest

from programme_tracker.accounts import services
from programme_tracker.accounts.common_passwords import context_words, is_common, is_of_context
from programme_tracker.accounts.passwords import one_time_password
from programme_tracker.kernel.clock import SettableClock
from programme_tracker.kernel.errors import RefusedError
from tests.factories.accounts import PASSWORD, make_staff


@pytest.mark.parametrize(
    "password",
    [
        "1qaz2wsx3edc4rfv",
        "Unbelievable",
        "Sunshine2026!!",
        "!!Pa55w0rd2026",
        "2026 P@ssw0rd !",
        "monkeymonkey",
        "Liverpool12345",
        "123454321012",
        "!!!!!!????....",
        "football football",
    ],
)
def test_known_passwords_and_what_is_easily_made_of_them(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password",
    ["three unrelated words", "grün kettle ōcean", "supermarket trolley", "Łódź' OR 1=1 --", PASSWORD],
)
def test_others_will_do(password: str) -> None:
    assert not is_common(password)
    assert not is_of_context(password, context_words(["Mark Trolle-Łoś", "mark"]))


def test_one_time_passwords_are_never_known() -> None:
    assert not any(is_common(one_time_password()) for _ in range(200))


@pytest.mark.parametrize(
    "password",
    [
        "ProgrammeTracker1",
        "obrien-sean-2026",
        "Seán O'Brien!",
        "cara radar linx",
        "myhomewood1234",
        "sean dragon 1",
    ],
)
def test_words_that_are_tried_first_here(password: str) -> None:
    words = context_words(["Seán O’Brien-Łukasz", "sobrien", "tracker.homewood.org"])
    assert is_of_context(password, words)


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("new", "said"), [("Sunshine2026!!", "Many people"), ("Zoë Okonkwo-Bright 7", "names")]
)
def test_change_to_one_of_them_is_refused_with_the_reason(clock: SettableClock, new: str, said: str) -> None:
    staff = make_staff(name="Zoë Okonkwo-Bright")
    with pytest.raises(RefusedError, match=said) as refused:
        services.change_password(staff.id, current=PASSWORD, new=new, actor=staff.actor, now=clock.now())
    assert refused.value.field == "new"
