"""What can be done with a campaign: make, run, decide a chunk, pause, throttle, cancel."""
