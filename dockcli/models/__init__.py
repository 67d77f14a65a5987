"""docker's answers as frozen models; each keeps the JSON it came from as ``raw``."""
