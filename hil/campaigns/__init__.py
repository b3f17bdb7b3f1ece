"""Long tests with a verdict: `./run campaign NAME`."""
