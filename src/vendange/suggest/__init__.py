"""Suggest: what recorded outcomes say of each rule, and which points they would have given."""
