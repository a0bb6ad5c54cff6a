"""Vouches: a human makes what was only said what the record says; how true what is said has proved to be."""
