// Clients in other languages, run as child processes; see Python/.
