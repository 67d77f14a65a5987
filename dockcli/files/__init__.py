"""Files of a container without a tar in hand: `write_text` and its like, by ``docker cp``."""
