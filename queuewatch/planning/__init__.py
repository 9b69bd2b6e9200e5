"""What planning needs from outside: settings, public holidays, special days; and how plans leave as files."""
