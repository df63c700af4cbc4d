"""The administrator's pages of accounts."""
