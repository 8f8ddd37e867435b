import nodemailer from 'nodemailer';
export const x = nodemailer;
