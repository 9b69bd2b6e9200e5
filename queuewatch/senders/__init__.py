"""From decisions to outside: one file per service, a pure message() and a thin send()."""
