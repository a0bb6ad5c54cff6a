"""Put people together who share something: by conditions in the grammar of the agreement, or chosen by hand."""
