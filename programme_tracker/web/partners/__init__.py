"""Partners’ files: for victim safety alone, and for a manager through broken glass."""
