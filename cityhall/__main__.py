"""`python -m cityhall`: what the script `city` hands over to."""

import sys

from cityhall.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
