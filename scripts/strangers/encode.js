// SPDX-License-Identifier: Apache-2.0
// A receipt on stdin, its bytes as receiptline writes them on stdout: node encode.js COMMAND FOLDER
// COMMAND: one of receiptline's printer control languages; FOLDER: where node_modules is.
'use strict';
const fs = require('fs');
const [, , command, folder] = process.argv;
const receiptline = require(require.resolve('receiptline', { paths: [folder] }));
const options = { cpl: 48, encoding: 'gb18030', command, language: 'zh-hans' };
const told = receiptline.transform(fs.readFileSync(0, 'utf8'), options);
process.stdout.write(Buffer.from(told, 'binary'));
