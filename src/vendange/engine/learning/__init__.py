"""Learning from outcomes: a card of a few whole points that people read, judged on what came after it was learnt."""
