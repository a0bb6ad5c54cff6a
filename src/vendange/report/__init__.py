"""Report: the figures of each team and of both, by one published definition each."""
