"""dockcli beside its peers: see `benchmarks.__main__`."""
