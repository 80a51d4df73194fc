"""Images of users' own: our serve image and their function folder in it."""
