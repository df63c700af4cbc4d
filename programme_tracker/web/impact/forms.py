"""A participant's answers at one IMPACT time point."""

from programme_tracker.web.fields import LongTextField, OneOfField, PageForm
from programme_tracker.web.partners.wording import OWN, SCALE


class OwnImpactForm(PageForm):
    """Answers from 1 (never) to 5 (always), and what they said."""

    respect = OneOfField(OWN["respect"], choices=SCALE)
    space = OneOfField(OWN["space"], choices=SCALE)
    safety = OneOfField(OWN["safety"], choices=SCALE)
    parenting = OneOfField(OWN["parenting"], choices=SCALE)
    awareness = OneOfField(OWN["awareness"], choices=SCALE)
    childhoods = OneOfField(OWN["childhoods"], choices=SCALE)
    note = LongTextField("In their words", longest=2000)

    @property
    def answers(self) -> dict[str, str]:
        """What was chosen, by question."""
        return {name: self[name].data for name in OWN if self[name].data}
