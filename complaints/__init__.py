"""The reporter's side: lodge, track, talk, withdraw, object."""
