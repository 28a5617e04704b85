"""Where the pictures of maps come from, while the settings say nothing else."""

TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
ATTRIBUTION = "© OpenStreetMap"
