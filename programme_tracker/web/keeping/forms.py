"""What is asked before somebody is erased, or kept longer."""

from programme_tracker.web.fields import LongTextField, OneOfField, PageForm, Required


class EraseForm(PageForm):
    """Why somebody is erased."""

    because = LongTextField(
        "Why are they erased now?",
        [Required("Say why they are erased")],
        description="This is kept with your name when they are gone, so leave their name out.",
        longest=500,
        render_kw={"rows": 2},
    )


class OrderForm(PageForm):
    """Who wants somebody kept longer."""

    because = LongTextField(
        "Who ordered it, and why?",
        [Required("Say who ordered it and why")],
        description="For example: the review of a death asked for it, letter of 3 March.",
        longest=500,
        render_kw={"rows": 2},
    )


class EndOrderForm(PageForm):
    """Why an order to keep somebody ends."""

    because = LongTextField(
        "Why does it end?", [Required("Say why the order ends")], longest=500, render_kw={"rows": 2}
    )


class EraseFileForm(PageForm):
    """Why a partner's file is erased."""

    why = OneOfField(
        "Why is the file erased?",
        [Required("Choose why the file is erased")],
        choices=[("over", "The time to keep it is over"), ("asked", "The partner asked for it")],
    )
    because = LongTextField(
        "In your words",
        [Required("Say why the file is erased")],
        description="This is kept with your name when the file is gone, so leave every name out.",
        longest=500,
        render_kw={"rows": 2},
    )
