from datetime import date, timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from programme_tracker.web.caution_picture import GAP, Flag, draw_caution

ISSUED = date(2026, 10, 1)
WORDS = "Sat 14 Nov 2026"


def _marks(days: list[int]) -> list[tuple[str, str, str, date]]:
    return [("booked", "Part A attended", WORDS, ISSUED + timedelta(days=day)) for day in days]


def _overlap(one: Flag, other: Flag) -> bool:
    return one.row == other.row and one.left < other.right + GAP and other.left < one.right + GAP


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 122), max_size=4),
    st.lists(st.integers(-10, 140), max_size=4),
    st.sampled_from([340, 720]),
)
def test_caution_flags_never_overlap_nor_leave_the_picture(
    above: list[int], below: list[int], width: int
) -> None:
    expires = ISSUED + timedelta(days=122)
    picture = draw_caution(ISSUED, expires, ISSUED, _marks(above), _marks(below), width)
    for flags in (picture.above, picture.below):
        assert not any(_overlap(one, other) for one, other in combinations(flags, 2))
        assert all(flag.left >= 0 and flag.right <= width for flag in flags)


def test_caution_marks_stand_in_the_order_of_their_dates() -> None:
    picture = draw_caution(ISSUED, date(2027, 1, 31), ISSUED, _marks([0, 60, 122]), [], 340)
    places = [flag.x for flag in picture.above]
    assert places == sorted(places)
    assert places[0] == picture.left
    assert places[-1] == picture.right


def test_caution_past_its_expiry_keeps_today_at_the_end() -> None:
    picture = draw_caution(ISSUED, date(2027, 1, 31), date(2027, 3, 1), [], [], 340)
    assert picture.today_x == picture.right


def test_caution_that_expires_on_its_first_day_is_drawn() -> None:
    picture = draw_caution(ISSUED, ISSUED, ISSUED, _marks([0]), _marks([0]), 340)
    assert picture.height > 0
