"""The board of open cautions: who has how little time left for parts A and B."""
