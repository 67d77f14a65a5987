# Prints how far a restore in the volume has come.
read_state "$volume"
echo "$state"
