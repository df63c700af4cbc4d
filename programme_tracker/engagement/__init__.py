"""Rules that turn outcomes into flags."""
