"""What an agreement would have said of the whole past: every alert, every standing, two replays side by side."""
