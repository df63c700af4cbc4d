from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from programme_tracker.web.cautions.picture import NARROW, WIDE, Size, draw_board
from programme_tracker.web.cautions.standing import OpenCaution, PartSeen

TODAY = date(2026, 9, 1)


def caution(issued: int, expires: int, part_a: int | None = None, name: str = "Sam Example") -> OpenCaution:
    """Describe a caution by days from today."""
    last = TODAY + timedelta(days=expires)
    parts = [] if part_a is None else [PartSeen("A", "booked", TODAY + timedelta(days=part_a))]
    return OpenCaution(
        enrolment_id=1,
        name=name,
        reference="C/1",
        status="enrolled",
        gate="granted",
        issued_on=TODAY + timedelta(days=issued),
        expires_on=last,
        last_day_a=last - timedelta(days=28),
        last_day_b=last,
        parts=parts,
        next_part="A",
        last_day=last - timedelta(days=28),
        fits=True,
    )


@pytest.mark.parametrize("size", [WIDE, NARROW])
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    days=st.lists(
        st.tuples(st.integers(-200, 0), st.integers(-30, 200), st.none() | st.integers(-250, 250)),
        min_size=1,
        max_size=12,
    )
)
def test_everything_stays_within_the_picture(size: Size, days: list[tuple[int, int, int | None]]) -> None:
    picture = draw_board([caution(*one) for one in days], TODAY, size)
    assert len(picture.bars) == len(days)
    tops = [bar.top for bar in picture.bars]
    assert tops == sorted(tops)
    assert tops[0] > 0
    assert tops[-1] + 18 <= picture.height
    places = [x for bar in picture.bars for x in (bar.left, bar.right, bar.last_a or bar.left)]
    places += [dot.x for bar in picture.bars for dot in bar.dots] + [picture.today_x]
    assert all(size.names <= x <= size.width for x in places)
    named = [month.x for month in picture.months if month.words]
    assert all(later - earlier >= 34 for earlier, later in pairwise(named))


def test_days_stand_in_order_on_one_axis() -> None:
    picture = draw_board([caution(-30, 90, 12), caution(-10, 60)], TODAY, WIDE)
    first, second = picture.bars
    assert first.left < second.left < picture.today_x < second.right < first.right
    assert first.last_a is not None
    assert picture.today_x < first.dots[0].x < first.last_a < first.right


def test_long_name_is_cut_where_there_is_no_room() -> None:
    picture = draw_board([caution(-30, 90, name="Seán Bartholomew O'Brien-Łukasz-Fotheringay")], TODAY, WIDE)
    assert picture.bars[0].name.endswith("…")
    assert len(picture.bars[0].name) <= WIDE.letters
