// Draws one of our forms inside somebody else's page. docs/forms.md says how a site uses it.
