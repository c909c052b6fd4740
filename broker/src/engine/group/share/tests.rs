//! Share groups by their requests.
