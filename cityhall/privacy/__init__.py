"""Whether anything that the city made public says something about a person."""
