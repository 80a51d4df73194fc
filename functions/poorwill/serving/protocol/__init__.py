"""What travels: the inference protocols, events and problems, decoded and encoded without effects."""
