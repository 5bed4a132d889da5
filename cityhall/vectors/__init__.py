"""Published vectors of the standards, held against the code that runs the city."""
