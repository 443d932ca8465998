"""What differs between engines: the profile's target, and what a process needs before it can use the database."""
