export { type DeliveryData, deliveryData } from './data.ts';
export { type DeliveryScope, type Hands, openHands } from './hands.ts';
export { type Delivery, lookAtDelivery, type NoDelivery, othersThatSee } from './look.ts';
export { type Proof, proveNew } from './prove.ts';
export { restore } from './restore.ts';
export { type Deliver, deliverSchema, type Tell, tellInWords } from './schema.ts';
export { type TellIo, tell } from './tell.ts';
export { backup, deliver, forget } from './write.ts';
