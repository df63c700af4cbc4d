"""How an enrolment ends: completed, withdrawn, deselected, led on to a group; and its certificate."""
