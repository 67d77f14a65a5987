"""One module for each group of the docker command line."""
