// kafkajs keeps what it has of an answer when its connection ends, and takes the first bytes of the next connection for the rest of it
// (its issue 715). The program ends by itself then (ERR_BUFFER_OUT_OF_BOUNDS), or waits for an answer of a billion bytes: with this, as
// `node --require`, a new connection begins with nothing.
'use strict';
const Connection = require('kafkajs/src/network/connection');

const SIZE_BYTES = 4;
const { connect } = Connection.prototype;

Connection.prototype.connect = function connectAnew() {
  if (!this.isConnected()) Object.assign(this, { chunks: [], bytesBuffered: 0, bytesNeeded: SIZE_BYTES });
  return connect.call(this);
};
