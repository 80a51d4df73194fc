"""`python -m poorwill` is the command `poorwill`, also where no script of that name lies on the PATH."""

from poorwill.cli.main import main

if __name__ == "__main__":
    main()
