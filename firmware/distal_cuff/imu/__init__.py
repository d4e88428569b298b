"""One file per IMU family."""
