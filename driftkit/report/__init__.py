"""What leaves a run: files, tables for people and the terminal's output."""
