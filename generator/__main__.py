"""Run the command line as `python -m generator`; this module must not do anything else."""

from generator.cli import main

if __name__ == "__main__":
    main()
