"""What the MQTT source and the MQTT sender share: settings, topics, and one connection at a time."""
