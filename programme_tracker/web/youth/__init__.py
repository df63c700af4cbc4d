"""Young people: the guardian, who gets texts now and from when, their own consent at 16."""
