"""The forms that strangers fill in: pages of ours that work without JavaScript, and the confirmation of a consent."""
