"""The pages: what colleagues see and do in a browser. A model-free Django app for templates and static files."""
