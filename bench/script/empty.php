<?php // Start-up, compilation of nothing, and shutdown.
