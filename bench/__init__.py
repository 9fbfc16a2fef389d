"""`make bench`: how long the two shapes of the server take, each figure beside a baseline of the same run."""
